//! How to use a new token.

use leptos::prelude::*;

use crate::portal::components::{Notice, Tone};

/// The steps that connect Microsoft Entra.
#[component]
pub fn EntraSetupSteps() -> impl IntoView {
    view! {
        <ol class="steps">
            <li>
                <span>
                    "In the Microsoft Entra admin center open " <b>"Enterprise applications"</b>
                    ", your application, and there " <b>"Provisioning"</b> "."
                </span>
            </li>
            <li>
                <span>"Set " <b>"Provisioning Mode"</b> " to " <b>"Automatic"</b> "."</span>
            </li>
            <li>
                <span>
                    "Under " <b>"Admin Credentials"</b> " paste the Tenant URL into " <b>"Tenant URL"</b>
                    " and the secret token into " <b>"Secret Token"</b> "."
                </span>
            </li>
            <li>
                <span>"Press " <b>"Test Connection"</b> ", then " <b>"Save"</b> ". The test appears in Provisioning Logs."</span>
            </li>
            <li>
                <span>
                    "Assign users and groups, and set " <b>"Provisioning Status"</b> " to " <b>"On"</b>
                    ". A cycle runs about every 40 minutes."
                </span>
            </li>
        </ol>
    }
}

/// The notice that requests are refused while provisioning is off.
#[component]
pub fn ProvisioningOffNotice() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn>
            <p>
                "Requests with this token are refused (403) until “Create and manage user accounts through IDP” below is turned on."
            </p>
        </Notice>
    }
}
