use super::*;
use crate::grant::Grant;
use crate::import::linker;
use crate::import::testing::{Nobody, rights, sandbox};

/// Makes as many handles of a resource of its own as it is told to, and keeps them.
const HOARDER: &str = r#"(component
    (type $thing (resource (rep i32)))
    (core func $new (canon resource.new $thing))
    (core module $hoarder
        (import "host" "new" (func $new (param i32) (result i32)))
        (func (export "hoard") (param $left i32)
            (loop $again
                (drop (call $new (i32.const 1)))
                (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                (br_if $again (local.get $left)))))
    (core instance $hoards (instantiate $hoarder
        (with "host" (instance (export "new" (func $new))))))
    (func (export "hoard") (param "count" u32) (canon lift (core func $hoards "hoard"))))"#;

async fn hoard(count: u32) -> Result<(), PluginError> {
    let inner = sandbox(Nobody).inner;
    let component =
        wasmtime::component::Component::from_binary(&inner.engine, &wat::parse_str(HOARDER).unwrap());
    let mut rights = rights(&Grant::default());
    rights.limits.cpu_ms = 5_000;
    let pre = linker(&inner.engine, &rights).unwrap().instantiate_pre(&component.unwrap()).unwrap();
    let plugin = Arc::new(Plugin::new(PluginBuild::native("hoarder"), rights, inner, pre));
    let function = Function { role: "none", name: "hoard" };
    plugin
        .call(
            function,
            Personal::default(),
            move |store, instance| {
                Box::pin(async move {
                    let hoard = instance.get_typed_func::<(u32,), ()>(&mut *store, "hoard")?;
                    hoard.call_async(store, (count,)).await.map(Ok)
                })
            },
            Ok,
        )
        .await
}

#[tokio::test]
async fn a_component_that_holds_too_many_handles_is_ended() {
    assert_eq!(hoard(1_000).await, Ok(()));
    let error = hoard(1_001).await.err();
    assert!(matches!(error, Some(PluginError::Trapped(_) | PluginError::Broken(_))), "{error:?}");
}
