package loomgate.server.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class UsersTest {

    @Test
    void rootIsKnownByNameAndNumber() throws OsException {
        Users.User root = Users.named("root").orElseThrow();
        assertEquals(0, root.uid());
        assertEquals(0, root.gid());
        assertEquals("/root", root.home());
        assertEquals(Optional.of(root), Users.numbered(0));
        assertEquals(OptionalInt.of(0), Users.group("root"));
    }

    @Test
    void thisProcessIsItsUsers() throws OsException {
        assertEquals(Optional.of(System.getProperty("user.name")),
                Users.numbered(Privileges.user()).map(Users.User::name));
    }

    @Test
    void whoIsNotThereIsNobody() throws OsException {
        assertEquals(Optional.empty(), Users.named("no-such-user"));
        assertEquals(Optional.empty(), Users.numbered(987_654_321));
        assertEquals(OptionalInt.empty(), Users.group("no-such-group"));
    }
}
