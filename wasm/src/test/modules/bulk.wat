;; Bulk memory instructions, with overlaps and every bound, and memory growth.
(module
  (memory (export "memory") 1 3)
  (data (i32.const 10) "abcdefgh")
  (data $passive "0123456789")
  (data $empty "")
  (func (export "load") (param i32) (result i32) local.get 0 i32.load8_u)
  (func (export "load64") (param i32) (result i64) local.get 0 i64.load)
  (func (export "copy") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.copy)
  (func (export "fill") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.fill)
  (func (export "init") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.init $passive)
  (func (export "init-empty") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.init $empty)
  (func (export "init-active") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.init 0)
  (func (export "drop") data.drop $passive)
  (func (export "size") (result i32) memory.size)
  (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
  (func (export "grow-and-store") (param i32) (result i32)
    ;; code after growth in the same function sees the new memory
    i32.const 1 memory.grow drop
    local.get 0 i32.const 77 i32.store8
    local.get 0 i32.load8_u)
  (func $grow (result i32) i32.const 1 memory.grow)
  (func (export "grow-in-callee") (param i32) (result i32)
    local.get 0 i32.const 5 i32.store8
    call $grow drop
    local.get 0 i32.const 65536 i32.add i32.const 6 i32.store8
    local.get 0 i32.load8_u local.get 0 i32.load8_u offset=65536 i32.const 10 i32.mul i32.add)
  ;;> load i32:10
  ;;> load64 i32:10
  ;;> copy i32:12 i32:10 i32:8
  ;;> load64 i32:10
  ;;> load64 i32:18
  ;;> copy i32:10 i32:12 i32:8
  ;;> load64 i32:10
  ;;> load64 i32:18
  ;;> copy i32:10 i32:10 i32:8
  ;;> copy i32:65536 i32:0 i32:0
  ;;> copy i32:65537 i32:0 i32:0
  ;;> copy i32:0 i32:65537 i32:0
  ;;> copy i32:65535 i32:10 i32:1
  ;;> load i32:65535
  ;;> copy i32:65535 i32:11 i32:2
  ;;> load i32:65535
  ;;> copy i32:0 i32:65535 i32:2
  ;;> copy i32:-1 i32:0 i32:1
  ;;> copy i32:0 i32:0 i32:-1
  ;;> copy i32:0 i32:-1 i32:-1
  ;;> fill i32:100 i32:0x1ff i32:9
  ;;> load64 i32:100
  ;;> load64 i32:101
  ;;> load i32:109
  ;;> fill i32:65536 i32:1 i32:0
  ;;> fill i32:65537 i32:1 i32:0
  ;;> fill i32:65530 i32:9 i32:7
  ;;> load i32:65530
  ;;> fill i32:-1 i32:1 i32:1
  ;;> fill i32:1 i32:1 i32:-1
  ;;> init i32:200 i32:2 i32:8
  ;;> load64 i32:200
  ;;> init i32:200 i32:3 i32:8
  ;;> init i32:200 i32:10 i32:0
  ;;> init i32:200 i32:11 i32:0
  ;;> init i32:65536 i32:0 i32:0
  ;;> init i32:65537 i32:0 i32:0
  ;;> init i32:65530 i32:0 i32:10
  ;;> load i32:65534
  ;;> init i32:-1 i32:0 i32:1
  ;;> init i32:0 i32:-1 i32:1
  ;;> init i32:0 i32:0 i32:-1
  ;;> init-empty i32:0 i32:0 i32:0
  ;;> init-empty i32:0 i32:0 i32:1
  ;;> init-active i32:0 i32:0 i32:0
  ;;> init-active i32:0 i32:0 i32:1
  ;;> drop
  ;;> drop
  ;;> init i32:0 i32:0 i32:0
  ;;> init i32:0 i32:0 i32:1
  ;;> size
  ;;> grow i32:0
  ;;> grow-and-store i32:70000
  ;;> size
  ;;> load i32:131071
  ;;> load i32:131072
  ;;> load i32:10
  ;;> grow i32:2
  ;;> grow i32:-1
  ;;> grow i32:0x10000
  ;;> size
  ;;> grow-in-callee i32:70000
  ;;> size
  ;;> grow i32:1
  ;;> grow i32:0
  ;;> copy i32:131000 i32:10 i32:8
  ;;> load64 i32:131000
  ;;> fill i32:196600 i32:3 i32:8
  ;;> load64 i32:196600
  ;;> fill i32:196600 i32:3 i32:9
)
