(impl_item type: (_) @name) @holds
(trait_item name: (_) @name) @holds
(mod_item name: (_) @name body: (_)) @holds
(struct_item name: (_) @name) @runs
(enum_item name: (_) @name) @runs
(union_item name: (_) @name) @runs
(function_item name: (_) @name) @runs
(macro_definition name: (_) @name) @runs
