(class_declaration name: (_) @name) @holds
(interface_declaration name: (_) @name) @holds
(trait_declaration name: (_) @name) @holds
(enum_declaration name: (_) @name) @holds
(function_definition name: (_) @name) @runs
(method_declaration name: (_) @name) @runs
