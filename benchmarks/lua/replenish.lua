-- Replenishments of all wallets: the other side is always the external wallet.
local lib = dofile(os.getenv("BENCH_LUA") .. "/lib.lua")

function init() lib.start(thread_number) end

function request()
  return lib.post("/v1/replenishments", '{"wallet_id":"' .. lib.uniform() ..
    '","amount":100,"currency":"USD"}')
end
