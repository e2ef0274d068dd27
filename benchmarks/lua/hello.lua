-- The bare view.
local lib = dofile(os.getenv("BENCH_LUA") .. "/lib.lua")
local text

function init() text = lib.get(os.getenv("BENCH_PATH")) end

function request() return text end
