(function_definition declarator: (function_declarator declarator: (_) @name)) @runs
(function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name))) @runs
(struct_specifier name: (_) @name body: (_)) @runs
(union_specifier name: (_) @name body: (_)) @runs
(enum_specifier name: (_) @name body: (_)) @runs
