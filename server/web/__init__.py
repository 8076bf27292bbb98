"""HTTP at the edge: click, landing, postback, health; proxies; the server."""
