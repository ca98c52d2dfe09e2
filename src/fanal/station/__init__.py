"""The station: Django pages, HTTP API, database and work queue. The only room that knows Django."""
