-- Transfers out of one wallet, the same for all connections; each run has another one.
local lib = dofile(os.getenv("BENCH_LUA") .. "/lib.lua")
local hot

function init()
  lib.start(thread_number)
  hot = lib.ids[1 + tonumber(os.getenv("BENCH_SEED")) % #lib.ids]
end

function request()
  return lib.transfer(hot, lib.another(lib.uniform, hot))
end
