package io.flarepath.symbolizer.binary;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Types of the Itanium C++ ABI (section 5.1.5), printed as binutils' c++filt does. */
abstract class CppTypes extends CppCursor {
    private static final Map<Character, String> BUILTIN =
            Map.ofEntries(
                    Map.entry('v', "void"),
                    Map.entry('w', "wchar_t"),
                    Map.entry('b', "bool"),
                    Map.entry('c', "char"),
                    Map.entry('a', "signed char"),
                    Map.entry('h', "unsigned char"),
                    Map.entry('s', "short"),
                    Map.entry('t', "unsigned short"),
                    Map.entry('i', "int"),
                    Map.entry('j', "unsigned int"),
                    Map.entry('l', "long"),
                    Map.entry('m', "unsigned long"),
                    Map.entry('x', "long long"),
                    Map.entry('y', "unsigned long long"),
                    Map.entry('n', "__int128"),
                    Map.entry('o', "unsigned __int128"),
                    Map.entry('f', "float"),
                    Map.entry('d', "double"),
                    Map.entry('e', "long double"),
                    Map.entry('g', "__float128"),
                    Map.entry('z', "..."));
    private static final Map<Character, String> BUILTIN_D =
            Map.ofEntries(
                    Map.entry('n', "decltype(nullptr)"),
                    Map.entry('a', "auto"),
                    Map.entry('c', "decltype(auto)"),
                    Map.entry('i', "char32_t"),
                    Map.entry('s', "char16_t"),
                    Map.entry('u', "char8_t"),
                    Map.entry('d', "decimal64"),
                    Map.entry('e', "decimal128"),
                    Map.entry('f', "decimal32"),
                    Map.entry('h', "half"));

    /** Arguments of the template whose function is being named. */
    List<CppNode> templateParameters = new ArrayList<>();

    final List<CppTemplateNodes.Forward> forwards = new ArrayList<>();
    boolean inConversion;
    int lambdaDepth;

    CppTypes(String text) {
        super(text);
    }

    abstract CppNode expression();

    abstract CppNode className();

    abstract CppNode substitution();

    abstract List<CppNode> templateArguments(boolean ofFunction);

    final CppNode type() {
        enter();
        CppNode type = typeUnchecked();
        leave();
        return type;
    }

    private CppNode typeUnchecked() {
        char c = peek();
        String builtin = BUILTIN.get(c);
        if (builtin != null) {
            position++;
            return CppNode.text(builtin);
        }
        return switch (c) {
            case 'r', 'V', 'K' -> qualified();
            case 'D' -> typeD();
            case 'S' -> typeS();
            case 'T' -> typeT();
            case 'F' -> substitutable(function(""));
            case 'u' -> {
                position++;
                yield substitutable(CppNode.text(sourceName()));
            }
            default -> compound(c);
        };
    }

    private CppNode compound(char c) {
        CppNode type =
                switch (c) {
                    case 'P' -> pointer("*");
                    case 'R' -> pointer("&");
                    case 'O' -> pointer("&&");
                    case 'C' -> suffixed(" _Complex");
                    case 'G' -> suffixed(" _Imaginary");
                    case 'A' -> array();
                    case 'M' -> memberPointer();
                    case 'U' -> vendorQualified();
                    default -> className();
                };
        return substitutable(type);
    }

    final CppNode substitutable(CppNode node) {
        substitutions.add(node);
        return node;
    }

    private CppNode pointer(String sign) {
        position++;
        return new CppTypeNodes.Pointer(type(), sign);
    }

    private CppNode suffixed(String suffix) {
        position++;
        return new CppTypeNodes.Qualified(type(), suffix);
    }

    private CppNode array() {
        position++;
        CppNode size = CppNode.text("");
        if (isDigit(peek())) {
            size = CppNode.text(signedNumber());
        } else if (peek() != '_') {
            size = expression();
        }
        expect('_');
        return new CppTypeNodes.Array(type(), size);
    }

    private CppNode memberPointer() {
        position++;
        CppNode owner = type();
        return new CppTypeNodes.MemberPointer(owner, type());
    }

    private CppNode vendorQualified() {
        position++;
        String name = sourceName();
        List<CppNode> arguments = peek() == 'I' ? templateArguments(false) : List.of();
        CppNode qualifier = CppNode.text(" " + name);
        CppNode inner = type();
        return arguments.isEmpty()
                ? CppNode.row(inner, qualifier)
                : CppNode.row(inner, new CppTemplateNodes.Template(qualifier, arguments));
    }

    /** The qualifiers {@code [r] [V] [K]}, in the order in which they are printed. */
    final String qualifiers() {
        boolean restrict = take('r');
        boolean isVolatile = take('V');
        boolean isConst = take('K');
        return (isConst ? " const" : "")
                + (isVolatile ? " volatile" : "")
                + (restrict ? " __restrict" : "");
    }

    private CppNode qualified() {
        String qualifiers = qualifiers();
        boolean function =
                peek() == 'F' || (peek() == 'D' && "oOwx".indexOf(peek(1)) >= 0 && peek(1) != 0);
        CppNode inner = function && peek() == 'F' ? substitutable(function(qualifiers)) : type();
        return function && inner instanceof CppTypeNodes.Function
                ? inner
                : substitutable(new CppTypeNodes.Qualified(inner, qualifiers));
    }

    private CppNode function(String suffix) {
        expect('F');
        take('Y');
        CppNode result = type();
        List<CppNode> parameters = parameters();
        String reference = take('R') ? " &" : take('O') ? " &&" : "";
        expect('E');
        return new CppTypeNodes.Function(result, parameters, suffix + reference);
    }

    /** Types up to the end of the parameters; a single {@code void} is no parameter. */
    final List<CppNode> parameters() {
        List<CppNode> types = new ArrayList<>();
        while (position < text.length()
                && peek() != 'E'
                && peek() != '.'
                && peek() != '@'
                && !(peek(1) == 'E' && (peek() == 'R' || peek() == 'O'))) {
            types.add(type());
        }
        if (types.size() == 1 && types.get(0).toString().equals("void")) {
            return List.of();
        }
        return types;
    }

    private CppNode typeD() {
        char kind = peek(1);
        String builtin = BUILTIN_D.get(kind);
        if (builtin != null) {
            position += 2;
            return CppNode.text(builtin);
        }
        position += 2;
        return switch (kind) {
            case 'p' -> substitutable(new CppTemplateNodes.Expansion(type()));
            case 't', 'T' -> {
                position -= 2;
                yield substitutable(decltype());
            }
            case 'o' -> substitutable(function(" noexcept"));
            case 'O' -> {
                CppNode condition = expression();
                expect('E');
                CppNode function = function(" noexcept");
                yield substitutable(CppNode.row(function, CppNode.text("("), condition));
            }
            case 'x' -> substitutable(function(" transaction_safe"));
            case 'F' -> {
                String bits = signedNumber();
                String extended = take('x') ? "x" : "";
                take('_');
                yield CppNode.text("_Float" + bits + extended);
            }
            case 'v' -> substitutable(vector());
            default -> throw bad("unknown type D" + kind);
        };
    }

    private CppNode vector() {
        CppNode size = take('_') ? expression() : CppNode.text(signedNumber());
        expect('_');
        CppNode element = type();
        return CppNode.row(element, CppNode.text(" __vector("), size, CppNode.text(")"));
    }

    final CppNode decltype() {
        position += 2;
        CppNode expression = expression();
        expect('E');
        return CppNode.row(CppNode.text("decltype ("), expression, CppNode.text(")"));
    }

    private CppNode typeS() {
        if (peek(1) == 't') {
            return substitutable(className());
        }
        CppNode known = substitution();
        if (peek() == 'I') {
            return substitutable(new CppTemplateNodes.Template(known, templateArguments(false)));
        }
        return known;
    }

    private CppNode typeT() {
        if (peek(1) == 's' || peek(1) == 'u' || peek(1) == 'e') {
            position += 2;
            return substitutable(className());
        }
        CppNode parameter = substitutable(templateParameter());
        if (peek() == 'I') {
            return substitutable(
                    new CppTemplateNodes.Template(parameter, templateArguments(false)));
        }
        return parameter;
    }

    /** {@code T_}: what the template was instantiated with. */
    final CppNode templateParameter() {
        expect('T');
        if (take('L')) {
            index();
        }
        int index = index();
        if (lambdaDepth > 0) {
            return new CppTemplateNodes.LambdaParameter(index);
        }
        if (inConversion) {
            CppTemplateNodes.Forward forward = new CppTemplateNodes.Forward(index);
            forwards.add(forward);
            return forward;
        }
        if (index >= templateParameters.size()) {
            throw bad("a template parameter has no argument");
        }
        return argument(templateParameters.get(index));
    }

    static CppNode argument(CppNode node) {
        return node instanceof CppTemplateNodes.ArgumentPack pack
                ? new CppTemplateNodes.PackElement(pack.elements)
                : node;
    }
}
