; What defines something: @holds what may hold other definitions, @runs what has a body.
(class_definition name: (_) @name) @holds
(function_definition name: (_) @name) @runs
