(namespace_definition name: (_) @name) @holds
(class_specifier name: (_) @name body: (_)) @holds
(struct_specifier name: (_) @name body: (_)) @holds
(union_specifier name: (_) @name body: (_)) @holds
(enum_specifier name: (_) @name body: (_)) @runs
(function_definition declarator: (function_declarator declarator: (_) @name)) @runs
(function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name))) @runs
(function_definition declarator: (reference_declarator (function_declarator declarator: (_) @name))) @runs
