-- Batches of BENCH_BATCH transfers each, between wallets as likely as any other.
local lib = dofile(os.getenv("BENCH_LUA") .. "/lib.lua")
local size = tonumber(os.getenv("BENCH_BATCH"))

function init() lib.start(thread_number) end

function request()
  local operations = {}
  for index = 1, size do
    local source = lib.uniform()
    operations[index] = table.concat({ '{"type":"transfer",',
      lib.transfer_fields(source, lib.another(lib.uniform, source)) })
  end
  return lib.post("/v1/batches", table.concat({ '{"mode":"independent","operations":[',
    table.concat(operations, ","), "]}" }))
end
