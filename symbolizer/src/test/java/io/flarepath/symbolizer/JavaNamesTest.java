package io.flarepath.symbolizer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names that change from run to run, and names that only look like it. */
final class JavaNamesTest {
    @ParameterizedTest
    @CsvSource({
        "a/B$$Lambda$14, a/B$$Lambda_",
        "a/B$$Lambda$14/0x0000000840067c40, a/B$$Lambda_",
        "a/B$$Lambda$14.0x0000000840067c40, a/B$$Lambda_",
        "a/B$$Lambda.0x00007f3e18001200, a/B$$Lambda_",
        "a/B$$Lambda+0x00007f3e18001200/123, a/B$$Lambda_",
        "a/B$$LambdaForms, a/B$$LambdaForms",
        "java/lang/invoke/LambdaForm$MH+0x0000000800c03000, java/lang/invoke/LambdaForm$MH_",
        "java/lang/invoke/LambdaForm$MH.0x0000000800c03000, java/lang/invoke/LambdaForm$MH_",
        "java/lang/invoke/LambdaForm$DMH/0x0000000800c03000, java/lang/invoke/LambdaForm$DMH_",
        "jdk/internal/reflect/GeneratedMethodAccessor31, jdk/internal/reflect/GeneratedMethodAccessor_",
        "a/GeneratedMethodAccessors2, a/GeneratedMethodAccessors2",
        "jdk/proxy2/$Proxy45, jdk/proxy2/$Proxy_",
        "a/My$Proxy45, a/My$Proxy45",
        "a/B$$EnhancerBySpringCGLIB$$7d1f2c3a, a/B$$EnhancerBySpringCGLIB$$_",
        "a/B$$Lambda$14/1234567, a/B$$Lambda_",
        "java/lang/invoke/LambdaForm$MH$12, java/lang/invoke/LambdaForm$MH_",
        "java/lang/invoke/LambdaForm$DMH/123456, java/lang/invoke/LambdaForm$DMH_",
        "java/lang/invoke/LambdaForm, java/lang/invoke/LambdaForm",
        "java/lang/invoke/Invokers$Holder, java/lang/invoke/Invokers$Holder",
        "com/sun/proxy/$Proxy3, com/sun/proxy/$Proxy_",
        "$Proxy7, $Proxy_",
        "a/Service$$SpringCGLIB$$0, a/Service$$SpringCGLIB$$_",
        "a/Entity$HibernateProxy$Xy12abcd, a/Entity$HibernateProxy$_",
        "a/Hidden+0x00007f0000001000, a/Hidden_",
        "a/LambdaTest$$LambdaX, a/LambdaTest$$LambdaX",
        "Foo$1$2, Foo$1$2",
        "Fact0x10, Fact0x10",
        "libzstd-jni-1.5.1-16931311898282279136.so, libzstd-jni-_.so",
        "libamazonCorrettoCryptoProvider109b39cf33c563eb.so, libamazonCorrettoCryptoProvider_.so",
        "libasyncProfiler-linux-arm64-17b9a1d8156277a98ccc871afa9a8f69215f92.so, libasyncProfiler-_.so",
        "libjvm.so, libjvm.so",
        "java/util/HashMap, java/util/HashMap",
        "a/Base64, a/Base64",
        "a/0xff, a/0xff",
        "'', ''",
    })
    void oneNameForAllRuns(String name, String expected) {
        assertThat(JavaNames.normalized(name)).isEqualTo(expected);
        assertThat(JavaNames.normalized(expected)).isEqualTo(expected);
    }

    @Test
    void everyCutOfANameIsTaken() {
        String name = "jdk/proxy2/$Proxy12Foo$$Lambda$14/0x0000000800c01000+0x12";
        for (int start = 0; start <= name.length(); start++) {
            for (int end = start; end <= name.length(); end++) {
                String part = name.substring(start, end);
                assertThat(JavaNames.normalized(part).length())
                        .isLessThanOrEqualTo(part.length() + 1);
            }
        }
    }
}
