(class_declaration name: (_) @name) @holds
(interface_declaration name: (_) @name) @holds
(enum_declaration name: (_) @name) @holds
(record_declaration name: (_) @name) @holds
(annotation_type_declaration name: (_) @name) @holds
(method_declaration name: (_) @name) @runs
(constructor_declaration name: (_) @name) @runs
