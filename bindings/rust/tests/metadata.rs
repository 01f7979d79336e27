// SPDX-License-Identifier: Apache-2.0
//! Records, their JSON, and what needs no host.

use plugin_interfaces::error::{Error, Status};
use plugin_interfaces::request::{CancelToken, Request};
use plugin_interfaces::stream::Stream;
use plugin_interfaces::*;

fn metadata() -> PluginMetadata {
    PluginMetadata {
        id: "test".into(),
        disabled: true,
        name: "Näme\0with a NUL".into(),
        description: String::new(),
        version: "1.0.0".into(),
        author: Some("me".into()),
        library_path: None,
        config_path: "/config.toml".into(),
        instance_id: Some("test-1".into()),
        require_history: true,
    }
}

#[test]
fn metadata_goes_there_and_back() {
    let record = metadata().to_ffi();
    let copy = unsafe { convert_ffi_to_metadata(record) };
    unsafe { free_plugin_metadata_ffi(record) };
    assert_eq!(metadata(), copy);
}

#[test]
fn a_history_message_has_the_names_of_the_front_end() {
    let json =
        r#"{"id":"1","type":"normal","status":"completed","content":"x","pluginId":"p","role":"user","createdAt":"t"}"#;
    let message: HistoryMessage = serde_json::from_str(json).unwrap();
    assert_eq!(json, serde_json::to_string(&message).unwrap());
}

#[test]
fn a_stream_event_is_told_apart_by_its_fields() {
    let json = r#"{"type":"stream_end","plugin_id":"p","instance_id":"i","data":{"stream_id":"s","success":false,"error":"x"},"timestamp":1}"#;
    let event: StreamMessageWrapper = serde_json::from_str(json).unwrap();
    assert!(matches!(&event.data, StreamMessageData::End(StreamEndData { success: false, .. })));
    assert_eq!(json, serde_json::to_string(&event).unwrap());
}

#[test]
fn callbacks_of_nobody_are_not_there() {
    assert!(get_host_callbacks("nobody").is_none());
    assert!(!clear_host_callbacks("nobody"));
    assert!(!send_message_to_frontend("nobody", "nobody", "x"));
    assert!(!host_send_to_frontend("nobody", "event", "{}"));
}

#[test]
fn lines_without_a_host_are_taken() {
    log_error!("one value, {} is no argument here");
    log_warn!("{} and {}", 1, 2,);
    log_info!("{0} and {name}", 1, name = 2);
    log_debug!(String::from("a value"));
    log_trace!("{:?}", LogLevel::Trace);
    host_log_print!(LogLevel::Info, "{}", with_color!(ColorCode::Red, "{}", "red"));
}

#[test]
#[cfg_attr(miri, ignore = "reads a file")]
fn a_config_file_is_read() {
    let folder = std::env::temp_dir().join(format!("plugin-interfaces-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("config.toml");
    std::fs::write(&path, "[plugin]\nid = 'a'\nname = 'A'\ndescription = ''\nversion = '1'\n").unwrap();
    let config = PluginConfig::from_path(&path).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(("a", false, None), (config.id.as_str(), config.disabled, config.author));
}

#[test]
#[cfg_attr(miri, ignore = "reads a file")]
fn a_missing_config_file_is_named() {
    let error = PluginConfig::from_path(std::path::Path::new("/nowhere/config.toml")).unwrap_err();
    assert!(error.to_string().starts_with("/nowhere/config.toml: "), "{error}");
}

#[test]
fn a_status_has_a_name_and_a_meaning() {
    assert_eq!("PLUGIN_FULL: the queue is full", format!("{:?}: {}", Status::FULL, Status::FULL));
    assert_eq!("Status(-1234)", format!("{:?}", Status(-1234)));
    assert_eq!(Status::ERROR, Error::new(Status::OK, "success is no error").status());
}

#[test]
fn contexts_and_requests_may_go_to_other_threads() {
    fn goes<T: Send + Sync>() {}
    goes::<PluginInstanceContext>();
    goes::<Request>();
    goes::<CancelToken>();
    goes::<Stream>();
    goes::<HostCallbacks>();
}
