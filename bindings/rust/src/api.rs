// SPDX-License-Identifier: Apache-2.0
//! Calls for code that has an instance's id and no context.

use crate::callbacks::get_host_callbacks;

/// Sends an event with a JSON text to the front end on behalf of an instance of this library; `false` where there is none
/// with that id, or the host refused it.
pub fn host_send_to_frontend(instance_id: &str, event: &str, payload: &str) -> bool {
    get_host_callbacks(instance_id).is_some_and(|host| host.send_to_frontend(event, payload, None).is_ok())
}
