(module name: (_) @name) @holds
(class name: (_) @name) @holds
(method name: (_) @name) @runs
(singleton_method object: (_) @of name: (_) @name) @runs
