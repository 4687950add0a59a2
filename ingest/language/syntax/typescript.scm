(class_declaration name: (_) @name) @holds
(abstract_class_declaration name: (_) @name) @holds
(interface_declaration name: (_) @name) @holds
(internal_module name: (_) @name) @holds
(enum_declaration name: (_) @name) @runs
(type_alias_declaration name: (_) @name) @runs
(function_declaration name: (_) @name) @runs
(generator_function_declaration name: (_) @name) @runs
(method_definition name: (_) @name) @runs
(variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression)]) @runs
(public_field_definition name: (_) @name value: (arrow_function)) @runs
