//! Any bytes, through `rollcall_fuzz::patch`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rollcall_fuzz::patch(bytes));
