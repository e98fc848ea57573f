import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client";

export const roomsQuery = queryOptions({ queryKey: ["rooms"], queryFn: () => api.rooms() });
