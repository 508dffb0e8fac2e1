package io.flarepath.api.query.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.flarepath.api.ingest.pyroscope.ProfileFileDecoder;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.query.connect.ConnectMethod.Call;
import io.flarepath.api.query.flamebearer.NamedTree;
import io.flarepath.api.query.pyroscope.RenderDocument;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.api.server.MemoryBudget;
import io.flarepath.store.ProfileFileStore;
import io.flarepath.store.ProfileFileStore.ProfileFile;
import io.flarepath.store.ProfileStore;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The methods of adhocprofiles.v1.AdHocProfileService (Pyroscope, api/adhocprofiles/v1), and one to
 * delete what was uploaded, which the reference lacks. Files are kept as they came and read anew
 * for each answer.
 */
record AdHocMethods(
        ProfileStore store,
        ProfileFileDecoder decoder,
        MemoryBudget memory,
        QueryLimits queries,
        AdHocLimits limits) {
    private static final String WHAT = "ad hoc profiles";
    private static final int DEFAULT_NODES = 8_192;
    private static final Pattern NOT_IN_NAMES = Pattern.compile("[^a-zA-Z0-9_.-]");
    private static final Pattern LINE_ENDS = Pattern.compile("[\r\n]+");

    Map<String, ConnectMethod> methods() {
        return Map.of(
                "Upload", new ConnectMethod(RequestSchemas.UPLOAD_PROFILE, this::upload),
                "Get", new ConnectMethod(RequestSchemas.GET_PROFILE, this::get),
                "List", new ConnectMethod(RequestSchemas.EMPTY, this::list),
                "Diff", new ConnectMethod(RequestSchemas.DIFF_PROFILES, this::diff),
                "Delete", new ConnectMethod(RequestSchemas.DELETE_PROFILE, this::delete));
    }

    /** What cannot be shown is not kept. */
    private MessageWriter.Part upload(Call call) throws IOException {
        String tenant = call.oneTenant(WHAT);
        ConnectRequest request = call.request();
        // As there: other characters become underscores.
        String name = NOT_IN_NAMES.matcher(request.required("name")).replaceAll("_");
        if (name.length() > ProfileFileStore.NAME_BYTES) {
            throw ApiError.invalid(
                    "name has more than " + ProfileFileStore.NAME_BYTES + " characters");
        }
        int nodes = nodes(request);
        byte[] content = content(request.required("profile"));
        AdHocProfile profile = decoded("profile", content);
        byte[] document = profile.document(profile.chosen(""), nodes, queries.nodes());
        ProfileFile file =
                store.files()
                        .put(
                                tenant,
                                name,
                                System.currentTimeMillis(),
                                content,
                                limits.tenantBytes())
                        .orElseThrow(() -> full(tenant, content.length));
        return answer(file, profile, profile.chosen(""), document);
    }

    private byte[] content(String base64) {
        byte[] content;
        try {
            content = Base64.getDecoder().decode(LINE_ENDS.matcher(base64).replaceAll(""));
        } catch (IllegalArgumentException e) {
            throw ApiError.invalid("profile is not base64: " + e.getMessage());
        }
        if (content.length > limits.fileBytes()) {
            throw ApiError.tooLarge(
                    "the profile has "
                            + content.length
                            + " bytes, the limit is "
                            + limits.fileBytes()
                            + " (setting limits.ad-hoc-file)");
        }
        return content;
    }

    private ApiError full(String tenant, int bytes) {
        List<ProfileFile> kept = store.files().list(tenant);
        return new ApiError(
                429,
                "resource_exhausted",
                "the tenant keeps "
                        + kept.size()
                        + " ad hoc profiles of "
                        + kept.stream().mapToLong(ProfileFile::bytes).sum()
                        + " bytes, and this one has "
                        + bytes
                        + "; at most "
                        + ProfileFileStore.MOST
                        + " of "
                        + limits.tenantBytes()
                        + " bytes (setting limits.ad-hoc) are kept: delete some by the method"
                        + " Delete");
    }

    private AdHocProfile decoded(String what, byte[] content) {
        try (UploadMemory charged = new UploadMemory(memory)) {
            charged.charge(content.length);
            return new AdHocProfile(decoder.decode(content, charged));
        } catch (IOException e) {
            throw ApiError.invalid(what + " cannot be read: " + e.getMessage());
        } catch (ApiError e) {
            // Over Connect what cannot be read is a bad argument like any other.
            throw e.status() == 422
                    ? ApiError.invalid(what + " cannot be read: " + e.getMessage())
                    : e;
        }
    }

    private MessageWriter.Part get(Call call) throws IOException {
        String tenant = call.oneTenant(WHAT);
        ConnectRequest request = call.request();
        String id = request.required("id");
        ProfileFile file = store.files().find(tenant, id).orElseThrow(() -> missing("id", id));
        int nodes = nodes(request);
        AdHocProfile profile = kept(tenant, "id", id);
        String type = profile.chosen(request.text("profileType"));
        return answer(file, profile, type, profile.document(type, nodes, queries.nodes()));
    }

    private AdHocProfile kept(String tenant, String field, String id) {
        return decoded(
                "the profile " + id,
                store.files().content(tenant, id).orElseThrow(() -> missing(field, id)));
    }

    private static ApiError missing(String field, String id) {
        return new ApiError(
                404, "not_found", field + ": there is no ad hoc profile " + shortened(id));
    }

    private static String shortened(String id) {
        return id.length() <= 80 ? id : id.substring(0, 80) + "…";
    }

    private MessageWriter.Part list(Call call) {
        List<ProfileFile> all = store.files().list(call.oneTenant(WHAT));
        return out -> out.messages(1, "profiles", all, AdHocMethods::head);
    }

    private MessageWriter.Part diff(Call call) throws IOException {
        String tenant = call.oneTenant(WHAT);
        ConnectRequest request = call.request();
        int nodes = nodes(request);
        String wanted = request.text("profileType");
        AdHocProfile left = kept(tenant, "leftId", request.required("leftId"));
        AdHocProfile right = kept(tenant, "rightId", request.required("rightId"));
        List<String> common = left.names().stream().filter(right.names()::contains).toList();
        if (common.isEmpty()) {
            throw ApiError.invalid(
                    "the profiles have no type in common: left has "
                            + left.names()
                            + ", right has "
                            + right.names());
        }
        String leftName = left.chosen(wanted);
        String rightName = right.chosen(wanted);
        if (!leftName.equals(rightName)) {
            throw ApiError.invalid(
                    "profile types must match: left has "
                            + leftName
                            + ", right has "
                            + rightName
                            + "; set profileType to one of "
                            + common);
        }
        if (!left.type(leftName).sampleUnit().equals(right.type(rightName).sampleUnit())) {
            throw ApiError.invalid(
                    "the units of "
                            + leftName
                            + " must match: left has "
                            + left.type(leftName).sampleUnit()
                            + ", right has "
                            + right.type(rightName).sampleUnit());
        }
        byte[] document =
                JsonAnswer.encode(
                        new RenderDocument(
                                NamedTree.of(left.tree(leftName), right.tree(rightName)),
                                left.type(leftName),
                                leftName,
                                nodes,
                                queries.nodes()));
        return out -> {
            out.strings(1, "profileTypes", common);
            out.string(2, "flamebearerProfile", new String(document, UTF_8));
        };
    }

    /** Deleting what is not there is no error, as with settings. */
    private MessageWriter.Part delete(Call call) {
        store.files().remove(call.oneTenant(WHAT), call.request().required("id"));
        return out -> {
            // There is nothing to tell.
        };
    }

    private int nodes(ConnectRequest request) {
        long wanted = request.number("maxNodes");
        if (wanted < 0) {
            throw ApiError.invalid("maxNodes must not be negative: " + wanted);
        }
        return wanted == 0
                ? Math.min(DEFAULT_NODES, queries.nodes())
                : queries.checkedNodes("maxNodes", wanted);
    }

    private static MessageWriter.Part answer(
            ProfileFile file, AdHocProfile profile, String type, byte[] document) {
        return out -> {
            head(file, out);
            out.string(4, "profileType", type);
            out.strings(5, "profileTypes", profile.names());
            out.string(6, "flamebearerProfile", new String(document, UTF_8));
        };
    }

    private static void head(ProfileFile file, MessageWriter out) throws IOException {
        out.string(1, "id", file.id());
        out.string(2, "name", file.name());
        out.int64(3, "uploadedAt", file.uploadedMillis());
    }
}
