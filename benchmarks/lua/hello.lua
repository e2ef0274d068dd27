-- The bare view.
local lib = dofile(os.getenv("BENCH_LUA") .. "/lib.lua")
local text

function init() text = lib.get("/v1/wallets/hello") end

function request() return text end
