package loomgate.server.it;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.net.http.HttpResponse;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The chain with Apache httpd and its mod_proxy_uwsgi in front, which sends other variables than nginx: all of CGI's,
/// SCRIPT_NAME included. All tests are the chain's own; the one below is what httpd does not do.
abstract class ApacheChain extends Chain {

    /// Of mod_proxy_uwsgi 2.4.71, whose log says "chunked Transfer-Encoding forbidden".
    @Override
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5 * (int) TestBytes.MIB})
    void everyByteOfAChunkedBodyArrives(int length) throws Exception {
        HttpResponse<String> response = post("/checksum", TestBytes.chunked(length));
        assumeFalse(response.statusCode() == 411, "this httpd takes no chunked body for uwsgi, and answers 411 itself");
        super.everyByteOfAChunkedBodyArrives(length);
    }
}
