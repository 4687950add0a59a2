(class_declaration name: (_) @name) @holds
(function_declaration name: (_) @name) @runs
(generator_function_declaration name: (_) @name) @runs
(method_definition name: (_) @name) @runs
(variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression)]) @runs
(variable_declarator name: (identifier) @name value: (class)) @holds
(field_definition property: (_) @name value: (arrow_function)) @runs
(assignment_expression left: (member_expression) @name right: [(arrow_function) (function_expression)]) @runs
