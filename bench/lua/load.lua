-- What wrk sends, told by a plan (a Lua table in the file given behind --; see wrk.py).
-- A plan of one reading without members needs no work for a request: wrk repeats it.

local plan, kinds, count = nil, {}, 0
local makers = {}

local function form(path, member, body)
  local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
  for name, value in pairs(plan.headers) do headers[name] = value end
  headers["Cookie"], headers["HX-Request"] = member.cookie, "true"
  return wrk.format("POST", path, headers, "csrf_token=" .. member.token .. "&" .. body)
end

-- Readings are put together once.
local function readings(list, headers)
  local made = {}
  for _, path in ipairs(list) do
    if #plan.readers == 0 then
      made[#made + 1] = wrk.format("GET", path, headers)
    end
    for _, member in ipairs(plan.readers) do
      local whole = { Cookie = member.cookie }
      for name, value in pairs(headers) do whole[name] = value end
      made[#made + 1] = wrk.format("GET", path, whole)
    end
  end
  return made
end

local prepared = {}

function makers.read() return prepared.read[count % #prepared.read + 1] end
function makers.poll() return prepared.poll[count % #prepared.poll + 1] end

-- Every third one begins a thread. The key of the form is never sent twice.
function makers.post()
  local number = plan.offset + count
  local member = plan.writers[number % #plan.writers + 1]
  local body = "nudged=1&submission=" .. plan.seed .. "-" .. number ..
    "&body=" .. plan.texts[number % #plan.texts + 1] .. "%20" .. plan.seed .. number
  if number % 3 > 0 then
    body = body .. "&parent_id=" .. plan.parents[number % #plan.parents + 1]
  end
  return form(plan.post, member, body)
end

-- Member by member over all comments; an author does not vote on their own.
function makers.vote()
  local number = plan.offset + count
  local place = number % #plan.comments + 1
  local who = (math.floor(number / #plan.comments) + place) % #plan.writers + 1
  if who == plan.authors[place] then who = who % #plan.writers + 1 end
  local path = string.gsub(plan.vote, "ID", plan.comments[place])
  return form(path, plan.writers[who], "value=" .. (number % 4 == 0 and "-1" or "1"))
end

function init(args)
  plan = dofile(args[1])
  prepared.read = readings(plan.read, plan.headers)
  prepared.poll = readings(plan.poll, plan.headers)
  for kind, share in pairs(plan.mix) do
    for _ = 1, share do kinds[#kinds + 1] = kind end
  end
  math.randomseed(plan.offset + 1)
  for place = #kinds, 2, -1 do
    local other = math.random(place)
    kinds[place], kinds[other] = kinds[other], kinds[place]
  end
end

function request()
  count = count + 1
  return makers[kinds[count % #kinds + 1]]()
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"us":%d,"bytes":%d,"p50":%d,"p99":%d,"status":%d,"broken":%d}\n',
    summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
