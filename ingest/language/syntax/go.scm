(function_declaration name: (_) @name) @runs
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @of
    (pointer_type (type_identifier) @of)
    (generic_type type: (type_identifier) @of)
    (pointer_type (generic_type type: (type_identifier) @of))]))
  name: (_) @name) @runs
(type_declaration (type_spec name: (_) @name)) @runs
