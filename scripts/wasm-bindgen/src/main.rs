//! `wasm-bindgen-tool MODULE FOLDER`: writes `rollcall.js` and `rollcall_bg.wasm`.

use std::{env, error::Error};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let [module, folder] = &arguments[..] else {
        return Err("usage: wasm-bindgen-tool MODULE FOLDER".into());
    };
    let mut bindgen = Bindgen::new();
    bindgen.web(true)?.typescript(false).omit_default_module_path(true).out_name("rollcall").input_path(module);
    Ok(bindgen.generate(folder)?)
}
