// Takes away the GPU in software that test/webgpu-driver.ts brings: `auto` would try it for half a minute.
delete process.env.LD_LIBRARY_PATH
