//! What JavaScript sees, through wasm-bindgen.

use js_sys::Error;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::device::Gpu;
use crate::task::{Algorithm, Format, Search};

/// The device, for as many searches as there are.
#[wasm_bindgen]
pub struct GpuDevice(Gpu);

#[wasm_bindgen]
impl GpuDevice {
    /// Opens it; rejects with an `Error` that says what is missing.
    pub async fn open() -> Result<GpuDevice, Error> {
        Gpu::open()
            .await
            .map(Self)
            .map_err(|message| Error::new(&message))
    }

    /// What the adapter calls itself.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.0.name().to_owned()
    }

    /// Submits the search of `count` nonces from `first` on before it returns. Resolves to how many nonces lie
    /// before the lowest that qualifies, or 0xffffffff; rejects when the device is lost.
    pub fn scan(&self, search: &GpuSearch, first: u64, count: u32) -> js_sys::Promise {
        let answer = self.0.scan(&search.0, first, count);
        wasm_bindgen_futures::future_to_promise(async move {
            match answer.await {
                Ok(place) => Ok(place.into()),
                Err(message) => Err(Error::new(&message).into()),
            }
        })
    }
}

/// One search. Its numbers are those of the schema.
#[wasm_bindgen]
pub struct GpuSearch(Search);

#[wasm_bindgen]
impl GpuSearch {
    /// Prepares it; throws an `Error` for what can't be searched here.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::too_many_arguments)] // What wasm-bindgen passes cheaply is flat.
    pub fn new(
        algorithm: usize,
        header: Vec<u8>,
        nonce_offset: usize,
        format: usize,
        lowest: &[u8],
        highest: &[u8],
        is_little_endian: bool,
        last_nonce: u64,
    ) -> Result<GpuSearch, Error> {
        let number = |bytes: &[u8]| bytes.try_into().map_err(|_| Error::new("32 bytes wanted"));
        let search = Search {
            algorithm: *Algorithm::ALL
                .get(algorithm)
                .ok_or_else(|| Error::new("no such algorithm"))?,
            header,
            nonce_offset,
            format: *Format::ALL
                .get(format)
                .ok_or_else(|| Error::new("no such nonce format"))?,
            lowest: number(lowest)?,
            highest: number(highest)?,
            is_little_endian,
        };
        if !search.is_possible(last_nonce) {
            return Err(Error::new(
                "the GPU hashes BLAKE3 messages of at most 1,024 bytes, digits included",
            ));
        }
        Ok(Self(search))
    }
}
