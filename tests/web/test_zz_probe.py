"""probe"""
from tests.conftest import *

def test_probe(site, browse):
    rhea, mo, anon = browse("rhea"), browse("mo"), browse()
    c = say("ravi", "Hello there")
    big = "9" * 30
    huge = "9" * 5000
    def show(label, r):
        print(label, r.status_code, r.headers.get("Location"), r.text[:0])
    for p in ["/articles/%00", "/u/%00", "/organisations/%00", "/topics/a%00", "/categories/%00", "/articles/%00/comments", "/mod/%00",
              "/search?q=%00", "/?category=%00", "/?older=%00", f"/?older={huge}-{huge}", f"/?older=1-{huge}", "/?older=1-²", f"/articles/story?c={huge}", f"/articles/story?after={huge}",
              "/articles/story?sort=%00", "/articles/%ff%fe", "/u/%ED%A0%80", "/search?q=%ED%A0%80", "/sign-in?next=%00", f"/c/{big}", f"/c/{huge}", f"/c/{big}/replies", f"/c/{c.id}/replies?after={big}",
              "/theme?next=%ff", "/?category=" + "x" * 3000, "/u/" + "x" * 3000, "/?older=99999999999999999-1", "/?newer=99999999999999999-1", f"/articles/story/comments?after={2**63-1}&sort=best"]:
        show("anon " + p[:60], anon.get(p))
    for p in [f"/c/{big}/report", f"/c/{big}/edit", f"/c/{big}/delete", f"/c/{big}/reply", f"/c/{big}/reported", f"/c/{c.id}/report"]:
        show("rhea " + p[:60], rhea.get(p))
    for p in [f"/mod/c/{big}", f"/mod/c/{big}/context", f"/mod/c/{big}/reject", f"/mod/reported?after={huge}", f"/mod/reported?done={2**63-1}", f"/mod/audit?before={2**63-1}", "/mod/reported?queue=%00"]:
        show("mo " + p[:60], mo.get(p))
    for p, d in [("/articles/nope/comments", {"body": "x"}), ("/articles/%00/comments", {"body": "x"}), ("/articles/story/comments", {"body": "x", "parent_id": "²"}),
              ("/articles/story/comments", {"body": "a\x00b", "submission": "\x00" * 10}), ("/articles/story/comments", {"body": "ab", "parent_id": "\x00"}), ("/articles/story/comments", {"body": ["a", "b"], "parent_id": ["1", "x"]}),
              (f"/c/{big}/report", {}), (f"/c/{big}/edit", {"body": "x"}), (f"/c/{big}/vote", {"value": "1"}), (f"/c/{c.id}/vote", {"value": "\x00"}), (f"/c/{c.id}/vote", {"value": ["1", "2"]}), (f"/c/{c.id}/report", {"reason": "\x00", "details": "\x00"}),
              (f"/c/{c.id}/report", {"reason": "other", "details": "\x00\x00"}), ("/preview", {"body": "x", "article": "\x00"}), ("/preview", {"body": "x", "article": "story", "parent_id": huge}), ("/preview", {"body": "x", "comment_id": big}), ("/theme", {"theme": "\x00", "next": "\x00"}),
              ]:
        show("rhea POST " + p[:60] + str(d)[:50], rhea.post(p, d))
    for p, d in [(f"/mod/c/{big}/approve", {"version": "1"}), (f"/mod/c/{c.id}/approve", {"version": huge}), (f"/mod/undo/{big}", {}), (f"/mod/c/99/reject", {}), (f"/mod/c/{c.id}/reject", {"version": "1", "reason": "\x00", "note": "\x00"})]:
        show("mo POST " + p[:60] + str(d)[:50], mo.post(p, d))
    for p, d in [("/sign-in", {"name": "\x00", "password": "\x00"}), ("/join", {"name": "\x00abc", "password": "\x00"*20, "agreed": "y"}), ("/join", {"name": "abcd", "password": "abcdefg\x00hijklm", "agreed": "y"})]:
        show("anon POST " + p[:60] + str(d)[:50], anon.post(p, d))
    with site.app_context():
        r = anon.client.get("/", base_url="http://evil.example"); show("host", r); print(r.headers)
        r = anon.client.open("/", method="TRACE", base_url="http://localhost"); show("trace", r)
        r = anon.client.open("/", method="BREW", base_url="http://localhost"); show("brew", r)
        r = anon.client.open("/static/css/base.css", method="POST", base_url="http://localhost"); show("static post", r); print(r.headers)
