//! What a module that counts how often its code is run has besides: it tells where the counters lie.
//! `scripts/profile-physics.mjs` reads them from the memory.

use core::ffi::c_void;

/// What LLVM's own runtime has. It would write a file at the end of the program, of which there is neither here.
#[unsafe(no_mangle)]
static __llvm_profile_runtime: u32 = 0;
#[unsafe(no_mangle)]
extern "C" fn __llvm_profile_register_functions(_: *const c_void) {}
#[unsafe(no_mangle)]
extern "C" fn __llvm_profile_register_names_function(_: *const c_void, _: u64) {}

// The linker makes these: the first byte of each part, and the first one after it.
#[rustfmt::skip]
unsafe extern "C" {
    static __start___llvm_prf_data: u8;
    static __stop___llvm_prf_data: u8;
    static __start___llvm_prf_cnts: u8;
    static __stop___llvm_prf_cnts: u8;
    static __start___llvm_prf_names: u8;
    static __stop___llvm_prf_names: u8;
}

/// Where in the memory the parts of the profile begin and end: the functions, their counters, their names.
#[unsafe(no_mangle)]
extern "C" fn inos_counters(bound: u32) -> *const u8 {
    match bound {
        0 => &raw const __start___llvm_prf_data,
        1 => &raw const __stop___llvm_prf_data,
        2 => &raw const __start___llvm_prf_cnts,
        3 => &raw const __stop___llvm_prf_cnts,
        4 => &raw const __start___llvm_prf_names,
        _ => &raw const __stop___llvm_prf_names,
    }
}
