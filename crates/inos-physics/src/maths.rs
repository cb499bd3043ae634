//! The C library's functions, natively, as WebAssembly has them.
//!
//! rapier, parry and glamx call the standard library's `acos`, `cos`, `exp` and the like in places: for principal
//! inertias, normals of meshes, round soft bodies. There it asks the C library, whose last bits differ from system to
//! system; in WebAssembly it is linked with Rust's own `libm`. Defining the symbols here gives every program that
//! has worlds natively the same functions, so that it comes to the same bits.

macro_rules! functions {
    ($($name:ident($($argument:ident),*);)*) => {
        $(
            // SAFETY: of the C library's type and meaning, in pure Rust that calls no C function.
            #[unsafe(no_mangle)]
            extern "C" fn $name($($argument: f32),*) -> f32 {
                libm::$name($($argument),*)
            }
        )*
    };
}

functions! {
    acosf(x);
    asinf(x);
    atanf(x);
    atan2f(y, x);
    cbrtf(x);
    cosf(x);
    expf(x);
    exp2f(x);
    hypotf(x, y);
    logf(x);
    log2f(x);
    powf(x, y);
    sinf(x);
    tanf(x);
}

/// What compilers make of a sine and a cosine of the same angle.
///
/// # Safety
/// As in C: both pointers may be written.
// SAFETY: of the C library's type and meaning.
#[unsafe(no_mangle)]
unsafe extern "C" fn sincosf(x: f32, sine: *mut f32, cosine: *mut f32) {
    let (sin, cos) = libm::sincosf(x);
    // SAFETY: the caller's promise.
    unsafe {
        sine.write(sin);
        cosine.write(cos);
    }
}

/// Has linkers take these functions: they look only where something is asked for.
pub(crate) fn link() {
    core::hint::black_box(acosf as extern "C" fn(f32) -> f32);
}
