package io.flarepath.symbolizer.binary;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Demangles C++ names of the Itanium ABI
 * (https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling), and prints them as binutils'
 * c++filt does.
 */
final class CppDemangler extends CppNames {
    /** What compilers append to the names of copies: {@code .part.0}, {@code .cold}. */
    private static final Pattern CLONE = Pattern.compile("\\.(?:[A-Za-z_]+|\\d+)(?:\\.\\d+)*");

    private CppDemangler(String text) {
        super(text);
    }

    /**
     * The readable form.
     *
     * @param brief without template arguments, parameters and results
     * @throws MangledNameException if it is not a C++ name or breaks a bound
     */
    static String demangle(String symbol, boolean brief) {
        CppDemangler demangler = new CppDemangler(symbol);
        if (!demangler.take("_Z")) {
            throw bad("not a C++ name");
        }
        NameOutput out = new NameOutput(brief);
        CppNode name = demangler.encoding();
        name.print(out);
        if (demangler.peek() == '.') {
            Matcher clone = CLONE.matcher(symbol.substring(demangler.position));
            while (clone.find()) {
                out.add(" [clone " + clone.group() + "]");
            }
        } else if (demangler.position < symbol.length()) {
            throw bad("something follows the name");
        }
        return out.toString();
    }

    @Override
    CppNode encoding() {
        enter();
        List<CppNode> outer = templateParameters;
        templateParameters = new ArrayList<>();
        CppNode encoding = peek() == 'T' || peek() == 'G' ? special() : function();
        templateParameters = outer;
        leave();
        return encoding;
    }

    private CppNode function() {
        NameKind kind = new NameKind();
        int pending = forwards.size();
        boolean nested = peek() == 'N';
        CppNode name = name(kind);
        for (CppTemplateNodes.Forward forward : forwards.subList(pending, forwards.size())) {
            if (forward.index >= templateParameters.size()) {
                throw bad("a template parameter has no argument");
            }
            forward.resolve(argument(templateParameters.get(forward.index)));
        }
        forwards.subList(pending, forwards.size()).clear();
        char c = peek();
        if (c == 0 || c == 'E' || c == '.' || c == '@') {
            return name;
        }
        CppNode result = null;
        boolean explicit = take('J');
        if (explicit || (kind.endsWithArguments && !kind.withoutResult)) {
            result = type();
        }
        return new CppTypeNodes.Encoding(
                result, name, parameters(), kind.suffix, nested, templateParameters);
    }

    private CppNode special() {
        String code = "" + next() + next();
        return switch (code) {
            case "TV" -> CppNode.prefixed("vtable for ", type());
            case "TT" -> CppNode.prefixed("VTT for ", type());
            case "TI" -> CppNode.prefixed("typeinfo for ", type());
            case "TS" -> CppNode.prefixed("typeinfo name for ", type());
            case "TA" -> CppNode.prefixed("template parameter object for ", templateArgument());
            case "TC" -> constructionTable();
            case "Th" -> {
                offset();
                yield CppNode.prefixed("non-virtual thunk to ", encoding());
            }
            case "Tv" -> {
                offset();
                offset();
                yield CppNode.prefixed("virtual thunk to ", encoding());
            }
            case "Tc" -> {
                callOffset();
                callOffset();
                yield CppNode.prefixed("covariant return thunk to ", encoding());
            }
            case "TH" -> CppNode.prefixed("TLS init function for ", name(null));
            case "TW" -> CppNode.prefixed("TLS wrapper function for ", name(null));
            case "GV" -> CppNode.prefixed("guard variable for ", name(null));
            case "GR" -> {
                CppNode name = name(null);
                int number = position < text.length() ? base36Index() : 0;
                yield CppNode.prefixed("reference temporary #" + number + " for ", name);
            }
            case "GA" -> CppNode.prefixed("hidden alias for ", encoding());
            case "GT" -> {
                boolean plain = next() == 'n';
                yield CppNode.prefixed(
                        plain ? "non-transaction clone for " : "transaction clone for ",
                        encoding());
            }
            default -> throw bad("unknown special name " + code);
        };
    }

    private CppNode constructionTable() {
        CppNode derived = type();
        signedNumber();
        expect('_');
        CppNode base = type();
        return CppNode.prefixed(
                "construction vtable for ", CppNode.row(base, CppNode.text("-in-"), derived));
    }

    private void callOffset() {
        if (take('h')) {
            offset();
        } else {
            expect('v');
            offset();
            offset();
        }
    }

    private void offset() {
        signedNumber();
        expect('_');
    }
}
