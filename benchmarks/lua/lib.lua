-- What all load scripts share: ids, random choices, keys, requests. Cheap per request: the load
-- generator runs on the same cores as what it measures.
local lib = {}

local random, format = math.random, string.format

local function read_lines(path)
  local lines = {}
  for line in io.lines(path) do lines[#lines + 1] = line end
  assert(#lines > 1, "no ids in " .. path)
  return lines
end

-- Called in each thread: the seed of the run differs from run to run, the thread's number within it.
function lib.start(thread_number)
  math.randomseed(tonumber(os.getenv("BENCH_SEED")) + thread_number * 7919)
  for _ = 1, 10 do random() end
  lib.ids = read_lines(os.getenv("BENCH_IDS"))
end

-- Random bits in the shape of a UUID, as clients make them.
function lib.key()
  return format("%08x-%04x-4%03x-a%03x-%08x%04x", random(0, 4294967295), random(0, 65535),
    random(0, 4095), random(0, 4095), random(0, 4294967295), random(0, 65535))
end

function lib.uniform()
  return lib.ids[random(#lib.ids)]
end

-- Zipf with s = 1: the id at rank r is chosen with probability proportional to 1 / r.
function lib.zipf_chooser()
  local cumulative, sum = {}, 0
  for rank = 1, #lib.ids do
    sum = sum + 1 / rank
    cumulative[rank] = sum
  end
  return function()
    local wanted, low, high = random() * sum, 1, #cumulative
    while low < high do
      local middle = math.floor((low + high) / 2)
      if cumulative[middle] < wanted then low = middle + 1 else high = middle end
    end
    return lib.ids[low]
  end
end

function lib.another(choose, taken)
  local id = choose()
  while id == taken do id = choose() end
  return id
end

-- The same for every request, like the Host.
local authorization = "\r\nAuthorization: Bearer " .. os.getenv("BENCH_KEY")

function lib.post(path, body)
  return table.concat({ "POST ", path, " HTTP/1.1\r\nHost: ", wrk.headers["Host"],
    authorization, "\r\nContent-Type: application/json\r\nIdempotency-Key: ", lib.key(),
    "\r\nContent-Length: ", #body, "\r\n\r\n", body })
end

function lib.get(path)
  return "GET " .. path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. authorization .. "\r\n\r\n"
end

-- Without the brace that opens the object.
function lib.transfer_fields(source, destination)
  return table.concat({ '"source_wallet_id":"', source, '","destination_wallet_id":"', destination,
    '","amount":', random(100), ',"currency":"USD"}' })
end

function lib.transfer(source, destination)
  return lib.post("/v1/transfers", "{" .. lib.transfer_fields(source, destination))
end

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("thread_number", threads)
end

-- One line of JSON, which benchmarks/wrk.py reads.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(format('\nRESULT {"requests": %d, "microseconds": %d, "p50_us": %d, "p99_us": %d, ' ..
    '"max_us": %d, "status": %d, "connect": %d, "read": %d, "write": %d, "timeout": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    latency.max, errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end

return lib
