;; Tables and references: every table instruction, its traps, and references as values.
(module
  (type $v-i (func (result i32)))
  (table $f 5 8 funcref)
  (table $x 3 6 externref)
  (table $empty 0 funcref)
  (func $one (export "one") (result i32) i32.const 1)
  (func $two (result i32) i32.const 2)
  (func $three (result i32) i32.const 3)
  (elem $active (table $f) (i32.const 1) func $one $two)
  (elem $passive func $one $two $three)
  (elem $expressions funcref (ref.func $three) (ref.null func) (ref.func $one))
  (elem $externs externref (ref.null extern) (ref.null extern))
  (elem declare func $three)

  (func (export "call") (param i32) (result i32) local.get 0 call_indirect $f (type $v-i))
  (func (export "size") (result i32 i32 i32) table.size $f table.size $x table.size $empty)
  (func (export "null?") (param i32) (result i32) local.get 0 table.get $f ref.is_null)
  (func (export "get") (param i32) (result funcref) local.get 0 table.get $f)
  (func (export "get-x") (param i32) (result externref) local.get 0 table.get $x)
  (func (export "set-x") (param i32 externref) local.get 0 local.get 1 table.set $x)
  (func (export "set-three") (param i32) local.get 0 ref.func $three table.set $f)
  (func (export "set-null") (param i32) local.get 0 ref.null func table.set $f)
  (func (export "grow") (param i32) (result i32) ref.func $two local.get 0 table.grow $f)
  (func (export "grow-x") (param externref i32) (result i32) local.get 0 local.get 1 table.grow $x)
  (func (export "fill") (param i32 i32) local.get 0 ref.func $three local.get 1 table.fill $f)
  (func (export "fill-x") (param i32 externref i32) local.get 0 local.get 1 local.get 2 table.fill $x)
  (func (export "copy") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 table.copy $f $f)
  (func (export "copy-empty") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 table.copy $empty $f)
  (func (export "init") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 table.init $f $passive)
  (func (export "init-active") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 table.init $f $active)
  (func (export "init-expressions") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 table.init $f $expressions)
  (func (export "init-x") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 table.init $x $externs)
  (func (export "drop") elem.drop $passive)
  (func (export "id-x") (param externref) (result externref) local.get 0)
  (func (export "id-f") (param funcref) (result funcref) local.get 0)
  (func (export "select-x") (param externref externref i32) (result externref)
    local.get 0 local.get 1 local.get 2 select (result externref))
  (func (export "block-x") (param externref i32) (result externref)
    block (result externref) local.get 0 local.get 1 br_if 0 drop ref.null extern end)
  (func (export "is-null-x") (param externref) (result i32) local.get 0 ref.is_null)
  (func (export "is-null-f") (result i32 i32) ref.null func ref.is_null ref.func $one ref.is_null)
  (global $g (mut funcref) (ref.func $two))
  (global $h externref (ref.null extern))
  (func (export "global-call") (result i32) i32.const 0 global.get $g table.set $f i32.const 0 call_indirect $f (type $v-i))
  (func (export "global-set") ref.func $three global.set $g)
  (func (export "global-x") (result externref) global.get $h)

  ;;> size
  ;;> call i32:0 ! UNINITIALIZED_ELEMENT
  ;;> call i32:1
  ;;> call i32:2
  ;;> call i32:5 ! UNDEFINED_ELEMENT
  ;;> null? i32:0
  ;;> null? i32:1
  ;;> get i32:0
  ;;> get i32:1
  ;;> null? i32:4
  ;;> null? i32:5
  ;;> null? i32:-1
  ;;> set-three i32:4
  ;;> call i32:4
  ;;> set-three i32:5
  ;;> set-null i32:4
  ;;> null? i32:4
  ;;> set-x i32:0 extern:hello
  ;;> get-x i32:0
  ;;> get-x i32:1
  ;;> get-x i32:3
  ;;> set-x i32:3 extern:no
  ;;> grow i32:0
  ;;> grow i32:2
  ;;> size
  ;;> call i32:5
  ;;> call i32:6
  ;;> grow i32:2
  ;;> grow i32:-1
  ;;> size
  ;;> grow i32:1
  ;;> grow i32:1
  ;;> grow-x extern:new i32:3
  ;;> get-x i32:5
  ;;> grow-x extern:null i32:1
  ;;> fill i32:0 i32:2
  ;;> call i32:0
  ;;> call i32:1
  ;;> call i32:2
  ;;> fill i32:8 i32:0
  ;;> fill i32:9 i32:0
  ;;> fill i32:7 i32:2
  ;;> call i32:7
  ;;> fill i32:-1 i32:1
  ;;> fill i32:1 i32:-1
  ;;> fill-x i32:1 extern:f i32:2
  ;;> get-x i32:0
  ;;> get-x i32:1
  ;;> get-x i32:2
  ;;> get-x i32:3
  ;;> init i32:0 i32:0 i32:3
  ;;> call i32:0
  ;;> call i32:1
  ;;> call i32:2
  ;;> init i32:6 i32:0 i32:3
  ;;> call i32:6
  ;;> init i32:0 i32:2 i32:2
  ;;> init i32:8 i32:3 i32:0
  ;;> init i32:9 i32:0 i32:0
  ;;> init i32:0 i32:4 i32:0
  ;;> init i32:-1 i32:0 i32:1
  ;;> init i32:0 i32:-1 i32:1
  ;;> init i32:0 i32:0 i32:-1
  ;;> init-active i32:0 i32:0 i32:0
  ;;> init-active i32:0 i32:0 i32:1
  ;;> init-expressions i32:0 i32:0 i32:3
  ;;> call i32:0
  ;;> null? i32:1
  ;;> call i32:2
  ;;> init-x i32:0 i32:0 i32:2
  ;;> get-x i32:0
  ;;> copy i32:3 i32:0 i32:3
  ;;> call i32:3
  ;;> null? i32:4
  ;;> call i32:5
  ;;> copy i32:1 i32:0 i32:4
  ;;> call i32:1
  ;;> null? i32:2
  ;;> call i32:3
  ;;> call i32:4
  ;;> copy i32:0 i32:1 i32:4
  ;;> call i32:0
  ;;> copy i32:7 i32:0 i32:2
  ;;> copy i32:0 i32:7 i32:2
  ;;> copy i32:8 i32:8 i32:0
  ;;> copy i32:9 i32:0 i32:0
  ;;> copy i32:0 i32:0 i32:-1
  ;;> copy-empty i32:0 i32:0 i32:0
  ;;> copy-empty i32:0 i32:0 i32:1
  ;;> drop
  ;;> drop
  ;;> init i32:0 i32:0 i32:0
  ;;> init i32:0 i32:0 i32:1
  ;;> init i32:0 i32:1 i32:0
  ;;> id-x extern:a
  ;;> id-x extern:null
  ;;> id-f func:null
  ;;> select-x extern:a extern:b i32:1
  ;;> select-x extern:a extern:b i32:0
  ;;> block-x extern:a i32:1
  ;;> block-x extern:a i32:0
  ;;> is-null-x extern:a
  ;;> is-null-x extern:null
  ;;> is-null-f
  ;;> global-call
  ;;> global-set
  ;;> global-call
  ;;> global-x
)
