"""Where imported comments came from."""

from sqlalchemy import ForeignKey, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class ImportedComment(Base):
    """The origin of an imported comment, so that importing again changes nothing.

    `up` and `down` are the votes that it brought along; a recount starts from them.
    """

    __tablename__ = "imported_comments"
    __table_args__ = (Unique("article_id", "external_id"),)

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(String(120))
    up: Mapped[int] = mapped_column(default=0)
    down: Mapped[int] = mapped_column(default=0)
