-- Transfers between two wallets, both chosen by Zipf's law.
local lib = dofile(os.getenv("BENCH_LUA") .. "/lib.lua")
local choose

function init()
  lib.start(thread_number)
  choose = lib.zipf_chooser()
end

function request()
  local source = choose()
  return lib.transfer(source, lib.another(choose, source))
end
