package io.flarepath.api.query.connect;

import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.query.connect.ConnectMethod.Call;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.SettingStore;
import io.flarepath.store.SettingStore.Setting;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** settings.v1.SettingsService (Pyroscope, api/settings/v1): texts that Drilldown keeps. */
record SettingMethods(ProfileStore store) {
    private static final String WHAT = "settings";

    Map<String, ConnectMethod> methods() {
        return Map.of(
                "Get", new ConnectMethod(RequestSchemas.EMPTY, this::get),
                "Set", new ConnectMethod(RequestSchemas.SET_SETTING, this::set),
                "Delete", new ConnectMethod(RequestSchemas.DELETE_SETTING, this::delete));
    }

    private MessageWriter.Part get(Call call) {
        List<Setting> settings = store.settings().list(call.oneTenant(WHAT));
        return out -> out.messages(1, "settings", settings, SettingMethods::write);
    }

    private MessageWriter.Part set(Call call) {
        ConnectRequest given = call.request().message("setting");
        if (given == null) {
            throw ApiError.invalid("setting is required");
        }
        Setting setting =
                new Setting(
                        given.required("name"), given.text("value"), System.currentTimeMillis());
        try {
            if (!store.settings().put(call.oneTenant(WHAT), setting)) {
                throw new ApiError(
                        429,
                        "resource_exhausted",
                        "the tenant has " + SettingStore.MOST + " settings, which is the limit");
            }
        } catch (IllegalArgumentException broken) {
            throw ApiError.invalid(String.valueOf(broken.getMessage()));
        }
        return out -> out.message(1, "setting", inner -> write(setting, inner));
    }

    /** Deleting what is not there is no error, as in Pyroscope. */
    private MessageWriter.Part delete(Call call) {
        store.settings().remove(call.oneTenant(WHAT), call.request().required("name"));
        return out -> {
            // DeleteSettingsResponse has no fields.
        };
    }

    private static void write(Setting setting, MessageWriter out) throws IOException {
        out.string(1, "name", setting.name());
        out.string(2, "value", setting.value());
        out.int64(3, "modifiedAt", setting.modifiedMillis());
    }
}
