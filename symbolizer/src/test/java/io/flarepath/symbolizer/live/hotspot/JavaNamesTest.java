package io.flarepath.symbolizer.live.hotspot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What differs from run to run leaves the name of a class, and nothing else does. */
final class JavaNamesTest {
    @ParameterizedTest
    @CsvSource({
        "Foo$$Lambda+0x00007f1234567890, Foo$$Lambda",
        "Foo$$Lambda$14+0x0000000800c01000, Foo$$Lambda",
        "a/Foo$$Lambda$14/0x0000000800c01000, a/Foo$$Lambda",
        "Foo$$Lambda$14/1234567, Foo$$Lambda",
        "Foo$$Lambda$14, Foo$$Lambda",
        "java/lang/invoke/LambdaForm$MH+0x0000000800c01000, java/lang/invoke/LambdaForm$MH",
        "java/lang/invoke/LambdaForm$MH/0x0000000800c01000, java/lang/invoke/LambdaForm$MH",
        "java/lang/invoke/LambdaForm$DMH/123456, java/lang/invoke/LambdaForm$DMH",
        "java/lang/invoke/LambdaForm$MH$12, java/lang/invoke/LambdaForm$MH",
        "jdk/proxy2/$Proxy12, jdk/proxy/$Proxy",
        "com/sun/proxy/$Proxy3, com/sun/proxy/$Proxy",
        "$Proxy7, $Proxy",
        "jdk/internal/reflect/GeneratedMethodAccessor12, jdk/internal/reflect/GeneratedMethodAccessor",
        "sun/reflect/GeneratedConstructorAccessor1, sun/reflect/GeneratedConstructorAccessor",
        "jdk/internal/reflect/GeneratedSerializationConstructorAccessor9,"
                + " jdk/internal/reflect/GeneratedSerializationConstructorAccessor",
        "a/Service$$EnhancerBySpringCGLIB$$1a2b3c4d, a/Service$$EnhancerBySpringCGLIB",
        "a/Service$$SpringCGLIB$$0, a/Service$$SpringCGLIB",
        "a/Entity$HibernateProxy$Xy12abcd, a/Entity$HibernateProxy",
        "a/Hidden+0x00007f0000001000, a/Hidden",
    })
    void whatIsArbitraryIsLeftOut(String raw, String stable) {
        assertThat(JavaNames.stable(raw)).isEqualTo(stable);
        assertThat(JavaNames.stable(stable)).isEqualTo(stable);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "java/lang/Thread",
                "java/util/HashMap$Node",
                "Foo$1",
                "Foo$1$2",
                "a/Base64",
                "a/Face",
                "Fact0x10",
                "a/b$Proxy12x",
                "a/MyProxy12",
                "java/lang/invoke/LambdaForm",
                "java/lang/invoke/Invokers$Holder",
                "a/LambdaTest$$LambdaX",
                "a/GeneratedMethodAccessorFactory",
                "Sha256",
                "beef",
                "123",
                ""
            })
    void otherNamesStayAsTheyAre(String name) {
        assertThat(JavaNames.stable(name)).isEqualTo(name);
    }

    @Test
    void everyCutOfANameIsTaken() {
        String name = "jdk/proxy2/$Proxy12Foo$$Lambda$14/0x0000000800c01000+0x12";
        for (int start = 0; start <= name.length(); start++) {
            for (int end = start; end <= name.length(); end++) {
                String part = name.substring(start, end);
                assertThat(JavaNames.stable(part).length()).isLessThanOrEqualTo(part.length());
            }
        }
    }
}
