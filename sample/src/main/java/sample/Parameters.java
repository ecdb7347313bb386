package sample;

import loomgate.api.Request;

/// The parameters of a request's query, checked.
record Parameters(Request request) {

    String text(String name, String standard) throws BadParameter {
        try {
            return request.parameter(name).orElse(standard);
        } catch (IllegalArgumentException e) {
            throw new BadParameter("the query is not well-formed: " + request.query());
        }
    }

    long number(String name, long standard, long most) throws BadParameter {
        String text = text(name, Long.toString(standard));
        if (!text.matches("\\d{1,18}") || Long.parseLong(text) > most) {
            throw new BadParameter(name + " is not a number from 0 to " + most + ": " + text);
        }
        return Long.parseLong(text);
    }
}
