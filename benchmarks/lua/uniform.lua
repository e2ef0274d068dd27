-- Transfers between two wallets, each wallet as likely as any other.
local lib = dofile(os.getenv("BENCH_LUA") .. "/lib.lua")

function init() lib.start(thread_number) end

function request()
  local source = lib.uniform()
  return lib.transfer(source, lib.another(lib.uniform, source))
end
