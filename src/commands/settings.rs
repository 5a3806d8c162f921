//! `settings`: the same as Group Settings in the portal, for scripts.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::{
    commands::{CommandResult, open::open_existing, print_line},
    config::DataArgs,
    model::tenant::Settings,
};

/// The settings to change; without any, they are only printed.
#[derive(Debug, Args)]
pub struct SettingsArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Id or name of the tenant, if there are several
    #[arg(long, env = "ROLLCALL_TENANT")]
    tenant: Option<String>,
    /// "Create and manage user accounts through IDP"
    #[arg(long, value_enum)]
    provisioning: Option<OnOff>,
    /// Most characters in a userName; 0 is no limit
    #[arg(long, value_name = "NUMBER")]
    user_name_limit: Option<u32>,
    /// Whether a PATCH replace whose filter matches nothing creates the value (Microsoft Entra needs it; on by default)
    #[arg(long, value_enum)]
    replace_without_match_creates: Option<OnOff>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnOff {
    On,
    Off,
}

/// Changes and prints the settings.
pub async fn run(args: SettingsArgs) -> CommandResult {
    let data = open_existing(&args.data.data_dir).await?;
    let tenant = data.tenant(args.tenant.as_deref()).await?;
    let before = data.store.settings(tenant.id).await?;
    let change = move |settings: &mut Settings| {
        let set = |old: &mut bool, switch: Option<OnOff>| *old = switch.map_or(*old, |switch| switch == OnOff::On);
        set(&mut settings.provisioning, args.provisioning);
        set(&mut settings.replace_without_match_creates, args.replace_without_match_creates);
        settings.user_name_limit = args.user_name_limit.unwrap_or(settings.user_name_limit);
    };
    let mut settings = before;
    change(&mut settings);
    let word = |on| if on { "on" } else { "off" };
    let lines = format!(
        "provisioning={}\nuser_name_limit={}\nreplace_without_match_creates={}",
        word(settings.provisioning),
        settings.user_name_limit,
        word(settings.replace_without_match_creates)
    );
    if settings != before {
        let entry = data.entry(&tenant.name, "settings", format!("Settings are now: {}.", lines.replace('\n', ", ")));
        data.store.change_settings(tenant.id, change, &entry).await?;
    }
    print_line(lines)?;
    data.store.close().await;
    Ok(ExitCode::SUCCESS)
}
