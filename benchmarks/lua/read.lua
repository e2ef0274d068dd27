-- Reads of one path, each of its ids as likely as any other.
local lib = dofile(os.getenv("BENCH_LUA") .. "/lib.lua")
local path = os.getenv("BENCH_PATH")

function init() lib.start(thread_number) end

function request() return lib.get(path .. lib.uniform()) end
