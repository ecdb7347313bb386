package loomgate.server.it;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/// Whether a test of the class has failed, so that what its server left behind is of interest.
final class Failures implements AfterTestExecutionCallback {

    private boolean any;

    @Override
    public void afterTestExecution(ExtensionContext context) {
        any |= context.getExecutionException().filter(thrown -> !(thrown instanceof TestAbortedException)).isPresent();
    }

    boolean any() {
        return any;
    }
}
