package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.StoreContents;
import java.io.IOException;

/** Answers /api/v1/store: what lies where. */
record StoreAnswer(ProfileStore store, String tenant) implements JsonAnswer.Body {

    @Override
    public void write(JsonGenerator json) throws IOException {
        StoreContents contents = store.contents(tenant);
        json.writeStartObject();
        json.writeArrayFieldStart("families");
        for (StoreContents.Family family : contents.families()) {
            json.writeStartObject();
            json.writeStringField("name", family.name());
            json.writeNumberField("values", family.values());
            json.writeNumberField("bytes", family.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("levels");
        for (StoreContents.Part level : contents.levels()) {
            json.writeStartObject();
            json.writeStringField("name", level.name());
            json.writeNumberField("values", level.values());
            json.writeNumberField("rows", level.rows());
            json.writeNumberField("bytes", level.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("services");
        for (StoreContents.Service service : contents.services()) {
            json.writeStartObject();
            json.writeStringField("name", service.name());
            json.writeNumberField("series", service.series());
            json.writeNumberField("rows", service.rows());
            json.writeNumberField("bytes", service.bytes());
            json.writeNumberField("dictionaryBytes", service.dictionaryBytes());
            json.writeNumberField("nodes", service.nodes());
            json.writeNumberField("stacks", service.stacks());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
