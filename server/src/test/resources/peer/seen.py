"""Says of each request what it was, as the other servers do that loomgate.server.it.HttpDifferencesIT compares."""


def application(environ, start_response):
    body = environ['wsgi.input'].read()
    words = [environ.get('REQUEST_METHOD', ''), environ.get('REQUEST_URI', ''), environ.get('HTTP_HOST', ''), body.hex()]
    seen = ' '.join(''.join(c if c > ' ' else '?' for c in word) or '-' for word in words)
    start_response('200 OK', [('X-Seen', seen), ('Content-Length', '0')])
    return []
