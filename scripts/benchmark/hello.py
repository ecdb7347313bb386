"""What sample/hello answers, as a WSGI application: the same 13 bytes and the same header fields."""

from urllib.parse import parse_qs


def hello(environ):
    name = parse_qs(environ["QUERY_STRING"]).get("name", ["world"])[0]
    return ("Hello, " + name + "\n").encode()


PAGES = {"/hello": hello}


def application(environ, start_response):
    body = PAGES[environ["PATH_INFO"]](environ)
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
